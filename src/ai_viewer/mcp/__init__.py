"""Sessions for agents: read-only tools over the Model Context Protocol, in few tokens."""
