"""From source files to the store: discover, parse, write, follow; the same for every format."""
