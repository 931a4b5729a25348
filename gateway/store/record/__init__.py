"""Resources and their versions: written, read under the Filter, searched."""
