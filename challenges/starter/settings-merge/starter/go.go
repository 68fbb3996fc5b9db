package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
)

func main() {
	settings := map[string]string{}
	for _, file := range os.Args[1:] {
		text, err := os.ReadFile(file)
		if err != nil {
			os.Exit(2) // say which file
		}
		for range strings.Split(string(text), "\n") {
			// a comment, a setting, or a bad line?
		}
	}
	answer, _ := json.Marshal(settings)
	fmt.Println(string(answer))
}
