// Package chart checks the Helm chart: with the libraries of Helm 3 and Helm 4, so
// that neither has to be installed, with Kubernetes' own types, and with the
// program that the chart runs.
//
// It is a module of its own, because none of these libraries belongs to the
// service. What the chart does in each case is told in helm/auth-service/tests,
// which helm-unittest runs from here. Building it takes minutes the first time.
//
// Both engines run in strict mode, in which a missing key is an error. Helm 4 drops
// values that are null and Helm 3 keeps them, so no default of the chart is null.
// kube-score needs a Kubernetes API that newer modules have dropped, so the module
// kubescore pins it apart.
//
//	go test .            # or make chart
//	go test . -update    # writes the tables of the chart's README and schema anew
package chart
