"""When a key was retired or revoked."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# A key was retired when the next one was made; of the last one's successor nothing is known.
_RETIRED = """
UPDATE issuer_key SET retired_at = COALESCE(
    (SELECT MIN(later.created_at) FROM issuer_key AS later WHERE later.created_at > issuer_key.created_at),
    created_at
) WHERE NOT current
"""


def upgrade() -> None:
    with op.batch_alter_table("issuer_key") as table:
        table.add_column(sa.Column("retired_at", sa.DateTime(timezone=True)))
        table.add_column(sa.Column("revoked_at", sa.DateTime(timezone=True)))
    op.execute(_RETIRED)


def downgrade() -> None:
    # The version before would take a revoked key for a retired one.
    op.execute("DELETE FROM issuer_key WHERE revoked_at IS NOT NULL")
    with op.batch_alter_table("issuer_key") as table:
        table.drop_column("revoked_at")
        table.drop_column("retired_at")
