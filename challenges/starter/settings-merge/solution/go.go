package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
)

func show(value any) {
	text, _ := json.Marshal(value)
	fmt.Println(string(text))
}

func stop(code int, problem map[string]any) {
	show(problem)
	os.Exit(code)
}

func main() {
	settings := map[string]string{}
	for _, file := range os.Args[1:] {
		text, err := os.ReadFile(file)
		if err != nil {
			stop(2, map[string]any{"error": "missing file", "file": file})
		}
		for i, line := range strings.Split(string(text), "\n") {
			line = strings.Trim(line, " \t")
			if line == "" || line[0] == '#' {
				continue
			}
			key, value, found := strings.Cut(line, "=")
			key = strings.Trim(key, " \t")
			if !found || key == "" {
				stop(3, map[string]any{"error": "bad line", "file": file, "line": i + 1})
			}
			settings[key] = strings.Trim(value, " \t")
		}
	}
	show(settings)
}
