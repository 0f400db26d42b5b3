from django.db import migrations

# Dropping the foreign key's own index in 0003 dropped this one with it: Django spares the names in Meta.indexes, not
# those in Meta.constraints.
CREATE = """
    CREATE UNIQUE INDEX IF NOT EXISTS letter_replaced_once ON batches_deadletter (parent_id)
    WHERE parent_id IS NOT NULL"""


class Migration(migrations.Migration):

    dependencies = [
        ('batches', '0006_moves_letters'),
    ]

    operations = [
        migrations.RunSQL(CREATE, migrations.RunSQL.noop),
    ]
