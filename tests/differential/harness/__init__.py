"""The machinery of the differential test: the official client as oracle, twin databases, translation, comparison."""
