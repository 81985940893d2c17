// Package config reads the settings of the service from environment variables and
// from the files that *_FILE variables name. It reports every problem at once, warns
// of settings that have no effect, and lists all settings without their secrets.
package config
