from django.db import migrations

FUNCTIONS = """
CREATE FUNCTION assessment_refuse_frozen_run() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.status = 'published' THEN
        RAISE EXCEPTION 'run % is published: % refused', OLD.id, TG_OP USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE FUNCTION assessment_refuse_frozen_rows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM assessment_run r WHERE r.status = 'published' AND r.id IN (SELECT DISTINCT run_id FROM changed)
    ) THEN
        RAISE EXCEPTION '% of a published run: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION assessment_refuse_frozen_parts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM assessment_run r WHERE r.status = 'published' AND r.id IN (
            SELECT s.run_id FROM assessment_score s WHERE s.id IN (SELECT DISTINCT score_id FROM changed)
        )
    ) THEN
        RAISE EXCEPTION '% of a published run: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER assessment_run_frozen BEFORE UPDATE OR DELETE ON assessment_run
    FOR EACH ROW EXECUTE FUNCTION assessment_refuse_frozen_run();
"""
TABLES = {
    "assessment_score": "assessment_refuse_frozen_rows",
    "assessment_counted": "assessment_refuse_frozen_rows",
    "assessment_scoreitem": "assessment_refuse_frozen_parts",
    "assessment_charge": "assessment_refuse_frozen_parts",
}
TRIGGERS = "".join(
    f"CREATE TRIGGER {table}_frozen_{event.lower()} AFTER {event} ON {table}"
    f" REFERENCING {'NEW' if event == 'INSERT' else 'OLD'} TABLE AS changed"
    f" FOR EACH STATEMENT EXECUTE FUNCTION {function}();\n"
    for table, function in TABLES.items()
    for event in ("INSERT", "UPDATE", "DELETE")
)
REVERSE = (
    "DROP FUNCTION assessment_refuse_frozen_run() CASCADE;"
    "DROP FUNCTION assessment_refuse_frozen_rows() CASCADE;"
    "DROP FUNCTION assessment_refuse_frozen_parts() CASCADE;"
)


class Migration(migrations.Migration):
    """A published run, its scores, its explained rows and what it counted refuse every change, whoever asks."""

    dependencies = [("assessment", "0001_assessment")]
    operations = [migrations.RunSQL(FUNCTIONS + TRIGGERS, REVERSE)]
