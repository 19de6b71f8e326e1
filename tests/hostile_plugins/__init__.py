"""Plugins that do what plugins mustn't: each a module, found through the metadata of a made-up
distribution. What a user sees of each is in the test of its name."""
