from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('batches', '0003_groups'),
    ]

    operations = [
        migrations.AlterField(
            model_name='chunk',
            name='unchanged_ids',
            field=models.BinaryField(help_text='Ids found unchanged, 12 bytes each, while an earlier line may still come.', null=True),
        ),
        migrations.AddField(
            model_name='redrive',
            name='last_error',
            field=models.TextField(blank=True, help_text='What it waits out: storage or the database away.'),
        ),
        migrations.AddField(
            model_name='redrive',
            name='up_to',
            field=models.BigIntegerField(db_default=0, help_text='The newest letter it was chosen among: what came later is not in it.'),
        ),
        migrations.AlterField(
            model_name='redrive',
            name='stop_reason',
            field=models.TextField(blank=True, help_text='Why it rests or ended before its time.'),
        ),
    ]
