"""The screens of a case and of the school's day. Each module holds its views and, at its foot, their addresses."""
