// Package chart checks the Helm chart: with the libraries of Helm 3 and Helm 4, so
// that neither has to be installed, with Kubernetes' own types, and with the
// program that the chart runs.
//
// It is a module of its own, because none of these libraries belongs to the
// service. What the chart does in each case is told in helm/auth-service/tests,
// which helm-unittest runs from here.
//
//	go test .            # or make chart
//	go test . -update    # writes the tables of the chart's README and schema anew
package chart
