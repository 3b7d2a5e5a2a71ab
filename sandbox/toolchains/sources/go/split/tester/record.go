package tester

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
)

const (
	mostLines   = 1000
	longestText = 300
)

// line is one assertion as a report shows it.
type line struct {
	Number   int    `json:"n"`
	Held     bool   `json:"ok"`
	Call     string `json:"call,omitempty"`
	Expected string `json:"expected,omitempty"`
	Got      string `json:"got,omitempty"`
}

var recorder = struct {
	count int
	held  bool   // whether all did
	first string // the first that did not
}{held: true}

// Record notes one assertion. What the candidate was asked since the last one is told where it did not hold.
func Record(held bool, expected, got string) {
	held = held && state.thrown == "" && state.gone == "" && state.inexpressible == ""
	noted := line{Number: recorder.count, Held: held}
	if !held {
		recorder.held = false
		noted.Expected, noted.Got = bounded(expected), bounded(got)
		describe(&noted)
	}
	text, _ := json.Marshal(noted)
	if !held && recorder.first == "" {
		recorder.first = string(text)
	}
	if recorder.count < mostLines {
		say(string(text))
	}
	recorder.count++
	state.call, state.thrown = "", ""
}

func describe(noted *line) {
	if state.call != "" {
		noted.Call = bounded(state.call + "(" + shown(state.arguments) + ")")
	}
	switch {
	case state.gone != "":
		noted.Got = state.gone
	case state.thrown != "":
		noted.Got = bounded(state.thrown)
	case state.call != "" && state.answered:
		noted.Got = bounded(shown(state.results))
	}
}

// Shown is a value in Go's syntax.
func Shown(value interface{}) string { return fmt.Sprintf("%#v", value) }

func shown(values []reflect.Value) string {
	texts := []string{}
	for _, value := range values {
		texts = append(texts, Shown(value.Interface()))
	}
	return strings.Join(texts, ", ")
}

func bounded(text string) string {
	if len(text) > longestText {
		return text[:longestText] + "..."
	}
	return text
}
