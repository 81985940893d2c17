// Package chart checks the Helm chart.
package chart
