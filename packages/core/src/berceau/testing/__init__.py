"""The test kit: what a component's tests need, from a database of their own to records and a client in memory."""
