"""The project package, and the lowest of the four apps: schools, people, roles, the code, the calendar, the audit."""
