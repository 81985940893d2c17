package service

import (
	"runtime"
	"runtime/debug"
)

// The build, as set by -ldflags "-X …/bootstrap/service.version=1.2.3 …". Values that are
// not set come from the build information of the Go tool.
var (
	version string
	// revision is the commit.
	revision string
	// buildDate is a time of RFC 3339.
	buildDate string
)

// Build describes a build of the service.
type Build struct {
	// Version is the release, such as 1.2.3, or dev.
	Version string `json:"version"`
	// Revision is the commit of the sources; empty if it is not known.
	Revision string `json:"revision"`
	// Date is the time of the build, or else of the commit, by RFC 3339; empty if it
	// is not known.
	Date string `json:"date"`
	// Dirty reports whether the sources had uncommitted changes.
	Dirty bool `json:"dirty"`
	// Go is the version of Go that built it.
	Go string `json:"go"`
	// OS and Arch are the target of the build, by Go's names.
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

// complete adds missing values from the build information of the Go tool.
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
