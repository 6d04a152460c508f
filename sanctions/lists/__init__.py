"""The lists of the desk: incidents, cases and people; by what each can be narrowed, put in order and exported."""
