package service

import (
	"runtime"
	"runtime/debug"
)

// What a build says of itself, set by -ldflags "-X …/bootstrap/service.version=1.2.3 …".
// Without them the Go tool's own record counts.
var (
	version string
	// revision is the commit.
	revision string
	// buildDate is a time of RFC 3339.
	buildDate string
)

// Build says which build of the service this is.
type Build struct {
	// Version is the release, such as 1.2.3, or dev.
	Version string `json:"version"`
	// Revision is the commit it was built from; empty if nobody told.
	Revision string `json:"revision"`
	// Date is when it was built, or else when the commit was made, by RFC 3339;
	// empty if nobody told.
	Date string `json:"date"`
	// Dirty says that the sources had changes that were not committed.
	Dirty bool `json:"dirty"`
	// Go is the version of Go that built it.
	Go string `json:"go"`
	// OS and Arch are what it was built for, by Go's names.
	OS   string `json:"os"`
	Arch string `json:"arch"`
}

// ThisBuild describes the running program.
func ThisBuild() Build {
	b := Build{
		Version: version, Revision: revision, Date: buildDate,
		Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH,
	}
	info, known := debug.ReadBuildInfo()
	if known {
		b.complete(info)
	}
	if b.Version == "" {
		b.Version = "dev"
	}
	return b
}

// complete takes from the Go tool's record what nobody told at build time.
func (b *Build) complete(info *debug.BuildInfo) {
	if b.Version == "" && info.Main.Version != "(devel)" {
		b.Version = info.Main.Version
	}
	for _, setting := range info.Settings {
		switch {
		case setting.Key == "vcs.revision" && b.Revision == "":
			b.Revision = setting.Value
		case setting.Key == "vcs.time" && b.Date == "":
			b.Date = setting.Value
		case setting.Key == "vcs.modified":
			b.Dirty = setting.Value == "true"
		}
	}
}

// Version returns the version of this build.
func Version() string { return ThisBuild().Version }
