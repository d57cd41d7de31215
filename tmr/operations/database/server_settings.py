"""The settings of the embedded PostgreSQL."""

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0777",
    "max_connections": "100",
    "shared_buffers": "128MB",
    # On one machine with few people queries are short, and parallel workers cost more than they gain.
    "max_parallel_workers_per_gather": "0",
    "jit": "off",
    "work_mem": "16MB",
    "random_page_cost": "1.1",
    "password_encryption": "scram-sha-256",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    # No value of a statement may reach the log.
    "log_statement": "none",
    "log_min_error_statement": "panic",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_error_verbosity": "terse",
    "log_autovacuum_min_duration": "-1",
    "log_checkpoints": "off",
}
