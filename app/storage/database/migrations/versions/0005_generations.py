"""Sessions belong to a generation of their account instead of the time since a moment."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # those that were ended by the moment stay ended
    op.execute(
        "DELETE FROM sessions WHERE created_at < "
        "(SELECT sessions_from FROM users WHERE users.username = sessions.username)"
    )
    for table in ("users", "sessions"):
        op.add_column(
            table, sa.Column("generation", sa.Integer, nullable=False, server_default="0")
        )
    op.drop_column("users", "sessions_from")


def downgrade() -> None:
    op.execute("DELETE FROM sessions")
    op.add_column(
        "users",
        sa.Column("sessions_from", sa.DateTime, nullable=False, server_default="1970-01-01"),
    )
    for table in ("users", "sessions"):
        op.drop_column(table, "generation")
