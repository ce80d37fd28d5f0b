"""The REST API: translates HTTP into one domain call each, and back."""
