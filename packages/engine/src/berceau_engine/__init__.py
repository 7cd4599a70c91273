"""Prisma in Python: its schema parser, query compiler and schema engine as WebAssembly, in the process."""
