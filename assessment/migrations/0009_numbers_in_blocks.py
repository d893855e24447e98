from django.db import migrations

TABLES = ("assessment_counted", "assessment_scoreitem", "assessment_charge")


def blocks(size: int) -> str:
    """The statements that make each connection take so many row numbers at a time. The rows are not touched."""
    return "".join(f"ALTER SEQUENCE {table}_id_seq CACHE {size};\n" for table in TABLES)


class Migration(migrations.Migration):
    """A run writes tens of thousands of rows: it takes their numbers in blocks, beside other runs, not in turn with them.

    Locks the three sequences for a moment; readers and writers of the tables are not held up.
    """

    dependencies = [("assessment", "0008_void_records")]
    operations = [migrations.RunSQL(blocks(1000), blocks(1))]
