"""Stands in for the generated client until `berceau build` has written it."""

raise ImportError("The database client has not been generated yet: run `berceau build` in the host's folder.")
