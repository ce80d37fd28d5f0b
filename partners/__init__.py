"""What only partners need: API keys and scopes, idempotency records, webhook endpoints and deliveries."""
