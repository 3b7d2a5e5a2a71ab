"""Where raw code comes from: folders, packages, CodeSearchNet, CodeXGLUE's cloze files."""
