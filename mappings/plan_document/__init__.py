"""The plan document: one contract by which every sector sends its operational plans.

A council, a home-care or wellbeing team, a community or mental-health provider and a voluntary
organisation send the same document, as JSON or as rows of a CSV template; the feed it goes to
says on which shelf of the record it stands. Visits come as rows of their own.
"""
