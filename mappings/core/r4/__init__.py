"""The official FHIR R4 definitions as tables, made by tools/make_r4_tables.py."""
