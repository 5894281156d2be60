from tests.helpers.databases import database, opens, postgres

__all__ = ["database", "opens", "postgres"]  # fixtures
