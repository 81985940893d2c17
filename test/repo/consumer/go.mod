module github.com/seed543b3b27/auth-service/test/repo/consumer

go 1.26.4

require github.com/seed543b3b27/auth-service v0.0.0

replace github.com/seed543b3b27/auth-service => ../../..
