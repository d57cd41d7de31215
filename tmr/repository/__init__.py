"""The only room with SQL, and the only door to plaintext: it seals what it stores and opens what it reads."""
