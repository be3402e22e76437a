"""The external API SHOUTCLOUD, locally, with faults on demand."""
