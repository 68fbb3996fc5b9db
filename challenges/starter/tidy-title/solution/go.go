package main

import "strings"

func TidyTitle(title string) string {
	// Not strings.Fields: it takes tabs and line breaks for spaces, too.
	words := strings.FieldsFunc(title, func(r rune) bool { return r == ' ' })
	return strings.Join(words, " ")
}
