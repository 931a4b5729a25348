"""What an operator looks after: the site's files, terminology, labels that wait, what lapses."""
