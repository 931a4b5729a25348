"""Bulk export of an entitled caseload, made as it is fetched."""
