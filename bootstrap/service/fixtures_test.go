package service

const goodKey = "pV7m2Jd0yqKx8sZrT4uWb1nQeXcH6aLf9GgYhOi3"

// production is a complete configuration for PostgreSQL.
func production() map[string]string {
	return map[string]string{
		"DATABASE_URL":   "postgres://auth:db-password-canary@db.example.com/auth",
		"JWT_SECRET_KEY": goodKey,
		"PUBLIC_URL":     "https://auth.example.com",
		"SMTP_HOST":      "smtp.example.com",
		"SMTP_FROM":      "Example <auth@example.com>",
	}
}
