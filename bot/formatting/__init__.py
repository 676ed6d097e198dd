"""Formatting: domain objects and texts become words, for chats and for pages. No I/O."""
