// Package checks stands for testify's assert in the tests: it decides as that does, and records each assertion.
package checks

import (
	real "github.com/stretchr/testify/assert"

	"aaa/tester"
)

// TestingT is what assertions report to.
type TestingT = real.TestingT

// Assertions asserts for one test.
type Assertions struct{ *real.Assertions }

// New makes assertions for the test t.
func New(t TestingT) *Assertions { return &Assertions{real.New(t)} }

func noted(held bool, expected string, got interface{}) bool {
	text := ""
	if !held {
		text = tester.Shown(got)
	}
	tester.Record(held, expected, text)
	return held
}

func wanted(relation string, value interface{}) string { return relation + tester.Shown(value) }

func Equal(t TestingT, expected, actual interface{}, words ...interface{}) bool {
	return noted(real.Equal(t, expected, actual, words...), wanted("", expected), actual)
}

func (a *Assertions) Equal(expected, actual interface{}, words ...interface{}) bool {
	return noted(a.Assertions.Equal(expected, actual, words...), wanted("", expected), actual)
}

func EqualValues(t TestingT, expected, actual interface{}, words ...interface{}) bool {
	return noted(real.EqualValues(t, expected, actual, words...), wanted("", expected), actual)
}

func (a *Assertions) EqualValues(expected, actual interface{}, words ...interface{}) bool {
	return noted(a.Assertions.EqualValues(expected, actual, words...), wanted("", expected), actual)
}

func Exactly(t TestingT, expected, actual interface{}, words ...interface{}) bool {
	return noted(real.Exactly(t, expected, actual, words...), wanted("", expected), actual)
}

func (a *Assertions) Exactly(expected, actual interface{}, words ...interface{}) bool {
	return noted(a.Assertions.Exactly(expected, actual, words...), wanted("", expected), actual)
}

func NotEqual(t TestingT, unwanted, actual interface{}, words ...interface{}) bool {
	return noted(real.NotEqual(t, unwanted, actual, words...), wanted("not ", unwanted), actual)
}

func (a *Assertions) NotEqual(unwanted, actual interface{}, words ...interface{}) bool {
	return noted(a.Assertions.NotEqual(unwanted, actual, words...), wanted("not ", unwanted), actual)
}

func ElementsMatch(t TestingT, expected, actual interface{}, words ...interface{}) bool {
	return noted(real.ElementsMatch(t, expected, actual, words...), wanted("in any order ", expected), actual)
}

func (a *Assertions) ElementsMatch(expected, actual interface{}, words ...interface{}) bool {
	return noted(a.Assertions.ElementsMatch(expected, actual, words...), wanted("in any order ", expected), actual)
}

func InDelta(t TestingT, expected, actual interface{}, delta float64, words ...interface{}) bool {
	return noted(real.InDelta(t, expected, actual, delta, words...), wanted("about ", expected), actual)
}

func (a *Assertions) InDelta(expected, actual interface{}, delta float64, words ...interface{}) bool {
	return noted(a.Assertions.InDelta(expected, actual, delta, words...), wanted("about ", expected), actual)
}

func InEpsilon(t TestingT, expected, actual interface{}, epsilon float64, words ...interface{}) bool {
	return noted(real.InEpsilon(t, expected, actual, epsilon, words...), wanted("about ", expected), actual)
}

func (a *Assertions) InEpsilon(expected, actual interface{}, epsilon float64, words ...interface{}) bool {
	return noted(a.Assertions.InEpsilon(expected, actual, epsilon, words...), wanted("about ", expected), actual)
}

func True(t TestingT, value bool, words ...interface{}) bool {
	return noted(real.True(t, value, words...), "true", value)
}

func (a *Assertions) True(value bool, words ...interface{}) bool {
	return noted(a.Assertions.True(value, words...), "true", value)
}

func False(t TestingT, value bool, words ...interface{}) bool {
	return noted(real.False(t, value, words...), "false", value)
}

func (a *Assertions) False(value bool, words ...interface{}) bool {
	return noted(a.Assertions.False(value, words...), "false", value)
}

func Nil(t TestingT, value interface{}, words ...interface{}) bool {
	return noted(real.Nil(t, value, words...), "nil", value)
}

func (a *Assertions) Nil(value interface{}, words ...interface{}) bool {
	return noted(a.Assertions.Nil(value, words...), "nil", value)
}

func NotNil(t TestingT, value interface{}, words ...interface{}) bool {
	return noted(real.NotNil(t, value, words...), "not nil", value)
}

func (a *Assertions) NotNil(value interface{}, words ...interface{}) bool {
	return noted(a.Assertions.NotNil(value, words...), "not nil", value)
}

func Empty(t TestingT, value interface{}, words ...interface{}) bool {
	return noted(real.Empty(t, value, words...), "empty", value)
}

func (a *Assertions) Empty(value interface{}, words ...interface{}) bool {
	return noted(a.Assertions.Empty(value, words...), "empty", value)
}

func NotEmpty(t TestingT, value interface{}, words ...interface{}) bool {
	return noted(real.NotEmpty(t, value, words...), "not empty", value)
}

func (a *Assertions) NotEmpty(value interface{}, words ...interface{}) bool {
	return noted(a.Assertions.NotEmpty(value, words...), "not empty", value)
}

func Len(t TestingT, value interface{}, length int, words ...interface{}) bool {
	return noted(real.Len(t, value, length, words...), wanted("of length ", length), value)
}

func (a *Assertions) Len(value interface{}, length int, words ...interface{}) bool {
	return noted(a.Assertions.Len(value, length, words...), wanted("of length ", length), value)
}

func Contains(t TestingT, whole, part interface{}, words ...interface{}) bool {
	return noted(real.Contains(t, whole, part, words...), wanted("holding ", part), whole)
}

func (a *Assertions) Contains(whole, part interface{}, words ...interface{}) bool {
	return noted(a.Assertions.Contains(whole, part, words...), wanted("holding ", part), whole)
}

func NotContains(t TestingT, whole, part interface{}, words ...interface{}) bool {
	return noted(real.NotContains(t, whole, part, words...), wanted("not holding ", part), whole)
}

func (a *Assertions) NotContains(whole, part interface{}, words ...interface{}) bool {
	return noted(a.Assertions.NotContains(whole, part, words...), wanted("not holding ", part), whole)
}
