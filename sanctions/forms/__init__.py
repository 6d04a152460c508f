"""The forms of the screens, by room."""
