"""Places that are reserved before there is a credential for them."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("status_entry") as table:
        table.alter_column("credential_id", existing_type=sa.String(), nullable=True)


def downgrade() -> None:
    op.execute("DELETE FROM status_entry WHERE credential_id IS NULL")
    with op.batch_alter_table("status_entry") as table:
        table.alter_column("credential_id", existing_type=sa.String(), nullable=False)
