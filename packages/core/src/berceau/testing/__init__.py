"""The test kit: a real database for tests of hosts and components, with no setting. See docs/testing.md."""
