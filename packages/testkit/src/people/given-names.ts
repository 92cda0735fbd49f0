const list = (text: string): readonly string[] => text.trim().split(/\s+/);

/** Given names of women, most frequent first. */
export const women = list(`
Maria Anna Johanna Emma Mary Elisabeth Cornelia Jennifer Sophie Julia Linda Patricia Lisa Wilhelmina Sarah Barbara Catharina
Elizabeth Susan Jessica Anne Hendrika Karen Nancy Margaretha Eva Lotte Sanne Betty Petronella Sandra Ashley Jacoba Dorothy
Kimberly Emily Donna Michelle Carol Amanda Melissa Deborah Fleur Femke Stephanie Rebecca Laura Sharon Cynthia Kathleen Amy
Iris Shirley Angela Helen Tess Saar Zoë Noor Pamela Nicole Ruth Katherine Samantha Christine Olivia Virginia Debra Rachel
Carolyn Janet Fatima Mila Nora Evi Yara Maud Catherine Heather Diane Julie Joyce Victoria Kelly Christina Lauren Joan Evelyn
Judith Andrea Hannah Megan Cheryl Jacqueline Martha Teresa Gloria Sara Janice Marie Kathryn Frances Jean Abigail Alice Grace
Anouk Roos Lieke Floor Esmée Renée Chloë Noëlle Daniëlle Mariëlle Aïsha Inès José Lena Mia Ella Lynn Charlotte Isabel Amélie
Beverly Denise Marilyn Amber Danielle Brittany Diana Natalie Rosa Wendy Monique Ingrid Marloes Marieke Annemarie Anne-Marie
Marie-Louise Anna-Lena Bianca Astrid Yvonne Hanneke Ineke Truus Riet Greetje Willemijn Liesbeth Mieke Joke Tineke Corrie Ria
Annelies Ellen Esther Mirjam Ilse Naomi Priscilla Chantal Daphne Kim Manon Merel Lara Aaliyah Keisha Latoya Guadalupe Ximena
Luz Carmen Consuelo Dolores Mei Ling Yuki Priya Anjali Aylin Elif Zeynep Emine Hatice Meryem Samira Khadija Naima Siobhán
Maëlle Bente Sterre Puck Jip Sienna Aurora Hazel Violet Ivy Ruby Nova Willow Stella Lucy Penelope Riley Layla Zoey Madison`);

/** Given names of men, most frequent first. */
export const men = list(`
Johannes Jan James Cornelis John Hendrik Robert Michael Pieter William David Willem Richard Gerrit Thomas Daan Joseph Sem
Charles Jacobus Christopher Daniel Lucas Matthew Levi Anthony Mark Petrus Donald Steven Finn Bram Andrew Paul Milan Joshua
Kenneth Kevin Brian George Timothy Ronald Jason Edward Jeffrey Ryan Jacob Luuk Gary Nicholas Eric Jonathan Stephen Larry Justin
Scott Brandon Benjamin Samuel Gregory Mees Alexander Patrick Frank Raymond Jack Dennis Jerry Tyler Aaron José Adam Nathan Henry
Zachary Douglas Peter Adriaan Kyle Noah Ethan Jeremy Christian Walter Keith Roger Terry Austin Sean Gerald Carl Harold Dylan
Arthur Lawrence Jordan Jesse Bryan Bruce Gabriel Joe Logan Albert Willie Alan Juan Wayne Elijah Randy Vincent Mason Roy Ralph
Bobby Russell Bradley Philip Eugene Thijs Stijn Ruben Lars Tim Tom Niels Jasper Sander Bas Wouter Maarten Jeroen Martijn Marcel
Erik Ronald Hans Henk Kees Piet Klaas Sjoerd Jelle Gijs Teun Floris Sven Koen Joris Rens Siem Boaz Jurre Tygo Jayden René André
Rémi Zoltán Jörg Günther Björn Søren Luís Andrés Jesús Ángel Óscar Mohamed Ahmed Ali Mustafa Mehmet Hassan Ibrahim Omar Youssef
Bilal Hamza Yusuf Emre Burak Wei Jun Hiroshi Raj Sanjay Arjun Vijay DeShawn Jamal Malik Tyrone Darnell Carlos Luis Miguel
Alejandro Diego Mateo Jan-Willem Pieter-Jan Jean-Paul Jan-Peter Karel-Jan D'Angelo Ole Pim Ties Guus Hugo Julian Max Oliver
Liam Owen Wyatt Hunter Connor Ezra Axel Leo Felix Oscar Theo Otis Abel Job Cas Dex Vince Quinten`);

/** How people shorten their names: one of these may stand in one source and the full name in the other. */
export const shortForms: Readonly<Record<string, string>> = {
  Johannes: 'Jan',
  Cornelis: 'Kees',
  Hendrik: 'Henk',
  Jacobus: 'Jaap',
  Petrus: 'Piet',
  Wilhelmina: 'Willy',
  Johanna: 'Joke',
  Elisabeth: 'Els',
  Catharina: 'Trudy',
  Margaretha: 'Greet',
  Cornelia: 'Corrie',
  William: 'Bill',
  Robert: 'Bob',
  James: 'Jim',
  Michael: 'Mike',
  Richard: 'Dick',
  Joseph: 'Joe',
  Thomas: 'Tom',
  Christopher: 'Chris',
  Daniel: 'Dan',
  Matthew: 'Matt',
  Elizabeth: 'Liz',
  Jennifer: 'Jenny',
  Patricia: 'Pat',
  Katherine: 'Kate',
  Margaret: 'Peggy',
  Rebecca: 'Becky',
  Susan: 'Sue',
  Deborah: 'Debbie',
  Samantha: 'Sam',
  Alexander: 'Alex',
  Benjamin: 'Ben',
  Nicholas: 'Nick',
  Anthony: 'Tony',
  Steven: 'Steve',
};
