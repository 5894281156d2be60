rhythm-tempo = { $bpm } BPM
rhythm-sparse = sparse
rhythm-steady = steady
rhythm-dense = densely cut
rhythm-looped = loops
rhythm-varied = varies from bar to bar
rhythm-new = hardly ever repeats
rhythm-none = no steady beat
