package config

import (
	"regexp"
	"strings"
)

// linkValue is the value of NAME_PORT that Kubernetes sets for the Service NAME in every
// pod of its namespace.
var linkValue = regexp.MustCompile(`^(tcp|udp|sctp)://`)

// linkName are the other variables that it sets for the Service. The first group is NAME.
var linkName = regexp.MustCompile(`^([A-Z0-9_]+?)_(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT(_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)$`)

// isServiceLink reports whether Kubernetes set a variable, to tell pods of a Service
// (https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables).
func isServiceLink(name string, variables map[string]string) bool {
	match := linkName.FindStringSubmatch(name)
	if len(match) == 0 || variables[match[1]+"_SERVICE_HOST"] == "" {
		return false
	}
	return match[2] != "PORT" || linkValue.MatchString(variables[name])
}

// nameServiceLinks replaces the problem of a variable that Kubernetes has set, because
// the operator cannot find it where the others are set.
func (p *Problems) nameServiceLinks(variables map[string]string) {
	for i, one := range *p {
		if isServiceLink(one.Variable, variables) {
			service := strings.ToLower(strings.ReplaceAll(strings.TrimSuffix(one.Variable, "_PORT"), "_", "-"))
			(*p)[i].Message = "was set by Kubernetes for the Service " + service + ": set enableServiceLinks: false in the pod, or set this variable yourself"
		}
	}
}

// quoted returns a warning for each value in quotes: a shell takes them away, docker's
// --env-file and systemd's older releases do not.
func (s settings) quoted() Problems {
	var warnings Problems
	for _, v := range Variables() {
		value := s.values[v.Name]
		if n := len(value); n >= 2 && !s.fromFile[v.Name] && (value[0] == '"' || value[0] == '\'') && value[n-1] == value[0] {
			warnings.add(v.Name, "begins and ends with a quotation mark, which counts as part of the value: take both away (docker --env-file keeps them)")
		}
	}
	return warnings
}
