"""Named functions that several feeds' rows shape an element with."""
