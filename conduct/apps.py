from django.apps import AppConfig


class ConductConfig(AppConfig):
    """Schools, people, roles, the code and its packs, the calendar and the audit; and the project's wiring."""

    name = "conduct"

    def ready(self) -> None:
        from conduct import celery  # noqa: F401  (the tasks find their app by its being loaded)
