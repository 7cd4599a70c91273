"""The test kit: a real database for tests of hosts and components, factories of records, a client in memory."""
