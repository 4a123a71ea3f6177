"""Disk, files, downloads, cores and memory; changes no result, so no stage depends on it."""
