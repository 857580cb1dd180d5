"""Things that go out: results as data, messages for groups, feeds. Renders what lower layers found."""
