from django.db import migrations

FUNCTIONS = """
CREATE FUNCTION assessment_refuse_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM assessment_run WHERE status = 'published') THEN
        RAISE EXCEPTION '% holds published runs: TRUNCATE refused', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION assessment_refuse_changed_rules() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM assessment_run r WHERE r.status = 'published' AND r.version_id = OLD.id) THEN
        RAISE EXCEPTION 'a published run follows version %: its rules do not change', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER assessment_rules_frozen BEFORE UPDATE OF body ON assessment_schemeversion
    FOR EACH ROW WHEN (OLD.body IS DISTINCT FROM NEW.body) EXECUTE FUNCTION assessment_refuse_changed_rules();
"""
TABLES = ("run", "score", "counted", "scoreitem", "charge")
TRIGGERS = "".join(
    f"CREATE TRIGGER assessment_{table}_kept BEFORE TRUNCATE ON assessment_{table}"
    " FOR EACH STATEMENT EXECUTE FUNCTION assessment_refuse_truncate();\n"
    for table in TABLES
)
REVERSE = "DROP FUNCTION assessment_refuse_truncate() CASCADE; DROP FUNCTION assessment_refuse_changed_rules() CASCADE;"


class Migration(migrations.Migration):
    """What was published is not emptied away either, and the rules it followed stay as they were."""

    dependencies = [("assessment", "0006_unchecked_references")]
    operations = [migrations.RunSQL(FUNCTIONS + TRIGGERS, REVERSE)]
