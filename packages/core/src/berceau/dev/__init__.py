"""`berceau dev`: one command from a checkout to a page, and from a changed file to the changed page."""
