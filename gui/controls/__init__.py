"""Fields and editors for single values, drawn from tokens; they know no document."""
